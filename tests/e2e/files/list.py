class Item:
    def __init__(self, name, price, pieces):
        self.name = name
        self.price = price
        self.pieces = pieces

    def total(self):
        return self.price * self.pieces

    def cost(self):
        return self.price * self.pieces
