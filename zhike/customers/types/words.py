"""The closed word lists of the customer master, with their labels."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class PartyKind(TextChoices):
    """A person or an organisation."""

    PERSON = "person", _("Person")
    ORGANISATION = "organisation", _("Organisation")


class State(TextChoices):
    """How far somebody is a customer."""

    NON_CUSTOMER = "non_customer", _("Non-customer")
    POTENTIAL = "potential", _("Potential customer")
    TARGET = "target", _("Target customer")
    ACTUAL = "actual", _("Actual customer")
    LOST = "lost", _("Lost customer")


class RelationKind(TextChoices):
    """Kinds of customers by their relation to us."""

    INTERNAL = "internal", _("Internal customer")
    PUBLIC = "public", _("Public customer")
    CONSUMER = "consumer", _("Consumer")
    INTERMEDIARY = "intermediary", _("Intermediary")


class CustomerType(TextChoices):
    """Kinds of customers by what they bring."""

    LIGHTHOUSE = "lighthouse", _("Lighthouse")
    FOLLOWER = "follower", _("Follower")
    RATIONAL = "rational", _("Rational")
    PROFIT_SEEKER = "profit_seeker", _("Profit-seeker")


class Bond(TextChoices):
    """Kinds of customers by the bond between us."""

    TRANSACTION = "transaction", _("Transaction")
    PREFERRED_SUPPLIER = "preferred_supplier", _("Preferred supplier")
    PARTNERSHIP = "partnership", _("Partnership")
    STRATEGIC_ALLIANCE = "strategic_alliance", _("Strategic alliance")


class Stage(TextChoices):
    """The lifecycle as a process."""

    REACH = "reach", _("Reach")
    ACQUIRE = "acquire", _("Acquire")
    CONVERT = "convert", _("Convert")
    RETAIN = "retain", _("Retain")
    LOSE = "lose", _("Lose")


class RelationStage(TextChoices):
    """The lifecycle as a relation."""

    POTENTIAL = "potential", pgettext_lazy("relation", "Potential")
    GROWTH = "growth", pgettext_lazy("relation", "Growth")
    MATURITY = "maturity", pgettext_lazy("relation", "Maturity")
    DECLINE = "decline", pgettext_lazy("relation", "Decline")
    END = "end", pgettext_lazy("relation", "End")


class Grade(TextChoices):
    """How much care a customer is given: key customers, then A, B, C and D."""

    KEY = "key", _("Key account")
    A = "a", _("Grade A")
    B = "b", _("Grade B")
    C = "c", _("Grade C")
    D = "d", _("Grade D")


class Source(TextChoices):
    """Where we have a customer or a fact from."""

    REGISTRATION = "registration", _("Registration")
    PURCHASE = "purchase", _("Purchase")
    SERVICE = "service", _("Service contact")
    SURVEY = "survey", _("Survey")
    WEB = "web", _("Web")
    REFERRAL = "referral", _("Referral")
    EXHIBITION = "exhibition", _("Exhibition")
    TELEMARKETING = "telemarketing", _("Telemarketing")
    ASSOCIATION = "association", _("Chamber or association")
    PARTNER = "partner", _("Partner")
    THIRD_PARTY = "third_party", _("Third party")
    IMPORT = "import", _("Import")
    OTHER = "other", _("Other")


class Gender(TextChoices):
    """Sex as an identity document states it, or as the person wishes."""

    MALE = "male", _("Male")
    FEMALE = "female", _("Female")
    OTHER = "other", _("Other gender")


class RoleName(TextChoices):
    """The roles a party plays."""

    CUSTOMER = "customer", _("Customer")
    CONTACT = "contact", _("Contact person")
    EMPLOYEE = "employee", _("Employee")
    PARTNER = "partner", _("Partner")
    SUPPLIER = "supplier", _("Supplier")
    COMPETITOR = "competitor", _("Competitor")
    MEMBER = "member", _("Member")


class CertificateType(TextChoices):
    """Documents that prove identity."""

    ID_CARD = "id_card", _("Resident identity card")
    CREDIT_CODE = "credit_code", _("Unified social credit code")
    PASSPORT = "passport", _("Passport")
    OFFICER_CARD = "officer_card", _("Officer card")
    SOLDIER_CARD = "soldier_card", _("Soldier card")
    HOUSEHOLD_BOOK = "household_book", _("Household register")
    HK_MACAU_PERMIT = "hk_macau_permit", _("Hong Kong and Macau permit")
    TAIWAN_PERMIT = "taiwan_permit", _("Taiwan permit")
    RESIDENCE_PERMIT = "residence_permit", _("Foreigner's permanent residence permit")
    DRIVING_LICENCE = "driving_licence", _("Driving licence")
    BUSINESS_LICENCE = "business_licence", _("Business licence")
    OTHER = "other", _("Other document")


class ContactKind(TextChoices):
    """Ways to reach somebody."""

    PHONE = "phone", _("Phone")
    EMAIL = "email", _("E-mail")
    WECHAT = "wechat", _("WeChat")
    WECOM = "wecom", _("WeCom")
    QQ = "qq", _("QQ")
    WEIBO = "weibo", _("Weibo")
    DOUYIN = "douyin", _("Douyin")
    WHATSAPP = "whatsapp", _("WhatsApp")
    LINKEDIN = "linkedin", _("LinkedIn")
    FAX = "fax", _("Fax")
    WEBSITE = "website", _("Website")
    OTHER = "other", _("Other")


class ContactPurpose(TextChoices):
    """What a way to reach somebody is for."""

    MOBILE = "mobile", _("Mobile")
    WORK = "work", _("Work")
    HOME = "home", _("Home")
    BILLING = "billing", _("Billing")
    SERVICE = "service", _("Service")
    EMERGENCY = "emergency", _("Emergency")
    OTHER = "other", _("Other")


class Consent(TextChoices):
    """Whether somebody agreed to be approached this way."""

    UNKNOWN = "unknown", _("Not asked")
    GRANTED = "granted", _("Granted")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class AddressPurpose(TextChoices):
    """What an address is for."""

    HOME = "home", _("Home")
    WORK = "work", _("Work")
    REGISTERED = "registered", _("Registered office")
    DELIVERY = "delivery", _("Delivery")
    BILLING = "billing", _("Billing")
    OTHER = "other", _("Other")


class RelationType(TextChoices):
    """What `source` is to `target`, read as "source … target"."""

    PARENT = "parent", _("Parent company of")
    BRANCH = "branch", _("Group that has the branch")
    SPOUSE = "spouse", _("Spouse of")
    EMPLOYER = "employer", _("Employer of")
    REFERRER = "referrer", _("Referred")
    DECIDER = "decider", _("Decider at")
    INITIATOR = "initiator", _("Initiator at")
    USER = "user", _("User at")
    INFLUENCER = "influencer", _("Influencer at")
    GATEKEEPER = "gatekeeper", _("Gatekeeper at")
    BUYER = "buyer", _("Buyer at")
    CONTACT = "contact", _("Contact person at")


# Those who take part in a customer's decision to buy: the source is a person, the target the customer.
KEY_PERSON_TYPES = frozenset(
    {
        RelationType.DECIDER,
        RelationType.INITIATOR,
        RelationType.USER,
        RelationType.INFLUENCER,
        RelationType.GATEKEEPER,
        RelationType.BUYER,
        RelationType.CONTACT,
    }
)


class ManageGrade(TextChoices):
    """At which level of a group a branch customer is managed."""

    GROUP = "group", _("Group level")
    PROVINCE = "province", _("Province level")
    LOCAL = "local", _("Local network level")


class FactGroup(TextChoices):
    """The four groups of facts about an organisation."""

    BASIC = "basic", _("Basic facts")
    CHARACTER = "character", _("Character")
    BUSINESS = "business", _("Business")
    TRANSACTION = "transaction", _("Transactions")


class Aspect(TextChoices):
    """What the history of a customer keeps with half-open periods."""

    STATE = "state", _("State")
    RELATION_KIND = "relation_kind", _("Relation to us")
    TYPE = "type", _("Type")
    BOND = "bond", _("Bond")
    STAGE = "stage", _("Lifecycle stage")
    RELATION_STAGE = "relation_stage", _("Relation stage")
    GRADE = "grade", _("Grade")
    OWNER = "owner", _("Account manager")
    UNIT = "unit", _("Unit")


class DuplicateState(TextChoices):
    """What was decided about a pair that may be one customer."""

    OPEN = "open", _("To decide")
    MERGED = "merged", _("Merged")
    NOT_DUPLICATE = "not_duplicate", _("Two different customers")
