raise ValueError("secret")
