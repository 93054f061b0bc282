"""What a supporter agrees to: the words beside the boxes. Their hash is kept with every action."""

from __future__ import annotations

from dataclasses import dataclass

from outreach.web.wording import closest, texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Boxes:
    """Three boxes, none of them ticked before."""

    agreed: str
    quote: str
    contact_again: str

    @property
    def text(self) -> str:
        """All that stood there."""
        return f"{self.agreed}\n{self.quote}\n{self.contact_again}"


def boxes(language: str, organisation: str) -> Boxes:
    """The boxes in a language."""
    say = texts(closest(language)).gettext
    return Boxes(
        agreed=say(
            "I agree that %(organisation)s passes my letter on to the institutions that I chose, with my name and "
            "place where this page says so, and keeps what I wrote here for as long as its words on data say. I know "
            "that my letter shows a political opinion."
        )
        % {"organisation": organisation},
        quote=say("My words may be quoted to these institutions, without my name and place."),
        contact_again=say("%(organisation)s may write to me again about this campaign.")
        % {"organisation": organisation},
    )
