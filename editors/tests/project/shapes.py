"""Areas of shapes."""


def area(width, height):
    """The area of a rectangle."""
    return width * height


def test_area():
    assert area(2, 3) == 6
