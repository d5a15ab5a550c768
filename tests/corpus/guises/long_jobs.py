import time

import modal

app = modal.App("long-jobs")
MINUTES = 60
HOURS = 60 * MINUTES
image = modal.Image.debian_slim().uv_pip_install("torch==2.5.1", "transformers==4.47.1", "xgboost==2.1.3")
checkpoints = modal.Volume.from_name("checkpoints", create_if_missing=True)
SLOW = {"timeout": 5 * MINUTES}


def fit(rows: list):
    from transformers import Trainer, TrainingArguments

    trainer = Trainer(args=TrainingArguments("/ckpt"), train_dataset=rows)
    trainer.train()
    trainer.save_model("/ckpt/final")


@app.function(image=image, gpu="L4", volumes={"/ckpt": checkpoints}, **SLOW)
def finetune(rows: list):
    fit(rows)
    checkpoints.commit()


@app.function(image=image, gpu="L4", volumes={"/ckpt": checkpoints}, timeout=12 * HOURS)
def finetune_long(rows: list):
    fit(rows)
    checkpoints.commit()


@app.function(timeout=1 * MINUTES)
def wait_for_queue(name: str):
    time.sleep(2 * MINUTES)
    return name


@app.function(timeout=3 * MINUTES)
def wait_a_little(name: str):
    time.sleep(2 * MINUTES)
    return name


@app.function(image=image)
def fit_small(rows: list):
    model_is_in_train_mode = len(rows) > 3
    return model_is_in_train_mode


@app.function(timeout=30)
def waits_in_short_steps(names: list):
    for name in names:
        time.sleep(0.2)
    return names
