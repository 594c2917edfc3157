"""What stands behind a receipt: where it stands, the conversation, corrections, the end."""

from portal import token

from .table import half, page, slipped


@page()
def receipt_enter(house, b, at):
    b.get(at + "/receipt")


@half(422)
def receipt_slip(house, b, at):
    receipt_enter(house, b, at)
    b.send("/receipt", {"code": slipped(house.codes["open"])})


@half(404)
def receipt_unknown(house, b, at):
    receipt_enter(house, b, at)
    b.send("/receipt", {"code": house.stack.recovery})


@half(422)
def receipt_expired(house, b, at):
    receipt_enter(house, b, at)
    b.send("/receipt", {"token": token(house.stack.form_key, "receipt", 10 ** 6),
                        "code": "7QK4"})


def receipt(key):
    def reach(house, b, at):
        receipt_enter(house, b, at)
        b.send("/receipt", {"code": house.codes[key].lower().replace("-", " ")})
    reach.__name__ = f"receipt_{key}"
    half()(reach)
    return reach


for _key in ("waiting", "open", "lapsed", "accepted", "declined", "withdrawn", "long",
             "supporter", "supporter-new", "supporter-declined", "aid", "aid-offer",
             "aid-asked", "aid-settled", "aid-complete", "aid-duplicate", "aid-withdrawn",
             "aid-long"):
    receipt(_key)


@half()
def receipt_withdraw(house, b, at):
    receipt_enter(house, b, at)
    b.send("/receipt", {"code": house.codes["waiting"]})
    b.get(at + "/receipt/withdraw")


@half(404)
def receipt_of_nothing(house, b, at):
    receipt_enter(house, b, at)
    b.send("/receipt", {"code": house.codes["aid-erased"]})


def talking(house, b, at):
    receipt_enter(house, b, at)
    b.send("/receipt", {"code": house.codes["aid-waiting"]})


@half(422)
def message_empty(house, b, at):
    talking(house, b, at)
    b.send("/receipt/message")


@half(422)
def message_long(house, b, at):
    talking(house, b, at)
    b.send("/receipt/message", {"text": "word " * 900})


@half(422)
def message_expired(house, b, at):
    talking(house, b, at)
    b.send("/receipt/message", {"token": token(house.stack.form_key, "receipt", 10 ** 6),
                                "text": "Could it be earlier?"})


@half(422)
def message_forgotten(house, b, at):
    talking(house, b, at)
    b.cdp("Network.clearBrowserCookies")
    b.send("/receipt/message", {"text": "Could it be earlier?"})


@half(503)
def message_away(house, b, at):
    talking(house, b, at)
    house.read_only(True)
    try:
        b.send("/receipt/message", {"text": "Could it be earlier?"})
    finally:
        house.read_only(False)


@half()
def receipt_filing(house, b, at):
    """Sent while the store took nothing, and the courier has not come yet."""
    if "filing" not in house.codes:
        house.stack.supervisorctl("stop", "courier")
        house.read_only(True)
        try:
            house.codes["filing"] = house.apply("Late")
        finally:
            house.read_only(False)
    receipt_enter(house, b, at)
    b.send("/receipt", {"code": house.codes["filing"]})
    house.stack.supervisorctl("start", "courier")


@half()
def correct(house, b, at):
    talking(house, b, at)
    b.get(at + "/receipt/correct")


@half(422)
def correct_mistakes(house, b, at):
    correct(house, b, at)
    b.send("/receipt/correct", {"people": "many", "email": "nia@"}, "review")


@half()
def correct_review(house, b, at):
    correct(house, b, at)
    b.send("/receipt/correct", {"people": "5"}, "review")


@half()
def receipt_erase(house, b, at):
    talking(house, b, at)
    b.get(at + "/receipt/erase")


@half()
def receipt_erased(house, b, at):
    b.get(at + "/receipt/erased")
