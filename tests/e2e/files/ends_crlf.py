def first(values):
    return values[0]


def last(values)