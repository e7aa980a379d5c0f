class Item:
    def __init__(self, name, price, amount):
        self.name = name
        self.price = price
        self.amount

    def total(self):
        return self.price * self.amount
