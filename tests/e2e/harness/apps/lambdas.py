def handler(event, context):
    print(event, context.function_name, context.memory_limit_in_mb, context.get_remaining_time_in_millis() > 0)


def helper():
    pass
