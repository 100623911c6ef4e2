"""Offers: what each customer is likely to buy next, why, and whether such offers would have been right before."""

from __future__ import annotations

from zhike.insight.models.offers.check import Held, Measured, OfferCheck, check_offers
from zhike.insight.models.offers.model import REASONS, Offers, Reason, next_offers

__all__ = ["REASONS", "Held", "Measured", "OfferCheck", "Offers", "Reason", "check_offers", "next_offers"]
