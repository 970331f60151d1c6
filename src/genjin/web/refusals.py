"""What services refuse in English, as they do where the operator may be told; it is said in Chinese by a catalog."""

from collections.abc import Sequence

from genjin.web.texts import _

REFUSALS: Sequence[str] = (
    _("is empty"),
    _("is empty, has blanks or more than 128 characters"),
    _("has more than 100 characters"),
    _("has more than 255 characters"),
    _("has to have 1 to 100 characters"),
    _("has departments below it"),
    _("has colleagues"),
    _("has records"),
    _("has a pool that is for it"),
    _("is still that of somebody"),
    _("cannot be hidden"),
    _("there is no such field"),
    _("are more than 500, or two are alike"),
    _("belong to multi_select and select, which need some"),
    _("are fewer than before: a choice that was chosen stays"),
    _("must have 2000 characters at most"),
    _("must be in visible ASCII characters: names in punycode, other letters by percent"),
    _("is no URL"),
    _("must be https://HOST/PATH"),
    _("must have neither a user nor a fragment"),
    _("must have the name or the address of a host"),
    _("is not an address that may be called from here"),
    _("must be https"),
    _("must be like erp.invoice_paid, in 64 characters at most"),
    _("must have 1 to 500 characters"),
    _('has to be that of an object: "type": "object"'),
    _("has a brace that belongs to no name"),
)
