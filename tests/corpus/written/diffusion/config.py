from dataclasses import dataclass


@dataclass
class Settings:
    model_id: str = "stabilityai/stable-diffusion-2-1"
    gpu: str = "H100"
    idle: int = 2 * 60
    volume_path: str = "/weights"


settings = Settings()
HOURS = 3600
