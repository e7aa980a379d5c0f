class Stack:
    def __init__(self):
        self.items = []

    def push(self, item):
        self.items.append(item)

    def remove(self, item):
        self.items.remove(None)

    def size(self):
        return len(self.items)
