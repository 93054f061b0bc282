"""The campaign that the shipped letters are tried with: an invented organisation, and every demand."""

from pathlib import Path

from outreach.model.campaign import Campaign, Chasers, Demand, Sender

ROOT = Path(__file__).parents[2]
DEMANDS = (
    "moratorium",
    "investigation",
    "licence-review",
    "due-diligence-law",
    "revoke-nso-licences",
    "nso-investigation",
    "public-statement",
)
CAMPAIGN = Campaign(
    slug="moratorium",
    title="A moratorium on surveillance technology",
    sender=Sender(
        name="Ada Maria Example",
        organisation="Example Rights International",
        email="letters@campaign.example",
        postal_address=("1 Example Street", "10000 Example City", "Exampleland"),
        reply_to="reply+{token}@campaign.example",
        website="https://campaign.example",
    ),
    contacts=("contacts/some.csv",),
    demands=tuple(Demand(slug=slug, title=slug) for slug in DEMANDS),
    chasers=Chasers(),
)
LONG_NAME = "Ministry of Economy, Industry, Foreign Trade, Regional Development and International Cooperation"
