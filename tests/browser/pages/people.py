"""The back office's own door: invitations, signing in, one's account and second factor."""

import secrets

from portal import Admin, token, totp

from .table import as_imani, as_wei, half


# With one reviewer, and nothing there.

@half(alone=True)
def people_alone(house, b, at):
    as_imani(house, b)
    b.get(at + "/admin/people")


@half(alone=True)
def login(house, b, at):
    b.get(at + "/admin/login")


@half(alone=True)
def welcome(house, b, at):
    b.get(at + house.spare.removeprefix(b.base))


@half(422, alone=True)
def welcome_mistakes(house, b, at):
    welcome(house, b, at)
    b.send("/admin/welcome", {"name": "", "password": "short", "again": "other"})


@half(422, alone=True)
def welcome_taken(house, b, at):
    welcome(house, b, at)
    b.send("/admin/welcome", {"name": "Imani", "password": "a long one indeed",
                              "again": "a long one indeed"})


@half(422, alone=True)
def welcome_expired(house, b, at):
    welcome(house, b, at)
    b.send("/admin/welcome", {"token": token(house.stack.form_key, "admin", 10 ** 6),
                              "name": "Wei"})


@half(404, alone=True)
def welcome_gone(house, b, at):
    b.get(at + "/admin/welcome?invitation=0000")


# With several.

@half(422)
def login_wrong(house, b, at):
    login(house, b, at)
    b.send("/admin/login", {"name": "Nadie " + secrets.token_hex(3), "password": "wrong"})


@half(429)
def login_wait(house, b, at):
    for _ in range(6):
        Admin(house.stack, "Nadie" + at).try_login()
    login(house, b, at)
    b.send("/admin/login", {"name": "Nadie" + at, "password": "wrong"})


@half(422)
def login_expired(house, b, at):
    login(house, b, at)
    b.send("/admin/login", {"token": token(house.stack.form_key, "admin", 10 ** 6),
                            "name": "Imani", "password": "four words not alike"})


@half()
def people(house, b, at):
    as_imani(house, b)
    b.get(at + "/admin/people")


@half()
def invited(house, b, at):
    people(house, b, at)
    b.send("/admin/people/invite")


@half()
def invited_by_mail(house, b, at):
    people(house, b, at)
    b.send("/admin/people/invite", {"email": "new@example.org"})


@half(422)
def invited_mistakes(house, b, at):
    people(house, b, at)
    b.send("/admin/people/invite", {"email": "new@"})


@half(403)
def forbidden(house, b, at):
    people(house, b, at)
    b.send("/admin/people/invite", {"token": "forged"})


@half(405)
def not_allowed(house, b, at):
    people(house, b, at)
    b.js("document.querySelector('main form').action = arguments[0]", at + "/admin/account")
    b.leave(lambda: b.js("setTimeout(() => document.querySelector('main form').submit())"))


@half(422)
def people_mistakes(house, b, at):
    people(house, b, at)
    b.send("/people/invite", {"desk": []})


@half()
def people_remove(house, b, at):
    people(house, b, at)
    b.leave(b.one("main a[href$='/remove']").click)


@half()
def account(house, b, at):
    as_imani(house, b)
    b.get(at + "/admin/account")


@half(422)
def account_mistakes(house, b, at):
    account(house, b, at)
    b.send("/account/password", {"old": house.imani.password, "password": "short",
                                 "again": "other"})


@half()
def account_factor(house, b, at):
    as_wei(house, b)
    b.get(at + "/admin/account")


@half()
def factor(house, b, at):
    as_imani(house, b)
    b.get(at + "/admin/factor")


@half(422)
def factor_mistakes(house, b, at):
    factor(house, b, at)
    b.send("/admin/factor", {"first": "000000"})


@half()
def factor_has(house, b, at):
    as_wei(house, b)
    b.get(at + "/admin/factor")


@half(422)
def factor_has_mistakes(house, b, at):
    factor_has(house, b, at)
    b.send("/factor/codes", {"current": "no code"})


@half()
def factor_codes(house, b, at):
    factor_has(house, b, at)
    house.stack.sql("UPDATE admin SET factor_step = 0 WHERE factor IS NOT NULL")
    b.send("/factor/codes", {"current": totp(house.wei.factor)})


@half()
def code(house, b, at):
    login(house, b, at)
    b.send("/admin/login", {"name": "Wei", "password": house.wei.password})


@half(422)
def code_wrong(house, b, at):
    code(house, b, at)
    b.send("/admin/code", {"code": "no code"})
