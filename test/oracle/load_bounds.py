#!/usr/bin/env python3
"""Recorded streams of trials at one load, and what RFC 9971 says of them: the oracle of results/statistics/load-bounds.ts.

Written from section "MLRsearch Logic" of the RFC, each operation by itself, in fractions, so that nothing is rounded:
    python3 test/oracle/load_bounds.py > test/oracle/load-bounds.json
"""
import json
import random
from fractions import Fraction

GOALS = [
    # lossRatio, exceedRatio, finalTrialMs, durationSumMs
    ("0", "0", 60000, 60000),
    ("0", "0.5", 60000, 120000),
    ("0.005", "0.5", 1000, 120000),
    ("0.005", "0.2", 60000, 60000),
    ("0", "0.5", 1000, 21000),
    ("0.005", "0.5", 1000, 21000),
    ("0.005", "0.25", 2000, 5000),
]


def classify(trials, goal):
    loss_ratio, exceed, final, duration_sum = goal
    full_high = sum(d for d, l in trials if d >= final and l > loss_ratio)
    full_low = sum(d for d, l in trials if d >= final and l <= loss_ratio)
    short_high = sum(d for d, l in trials if d < final and l > loss_ratio)
    short_low = sum(d for d, l in trials if d < final and l <= loss_ratio)
    subceed_ratio = 1 - exceed
    exceed_coefficient = exceed / subceed_ratio
    balancing = short_low * exceed_coefficient
    excess = short_high - balancing
    positive_excess = max(Fraction(0), excess)
    effective_high = full_high + positive_excess
    effective_full = effective_high + full_low
    effective_whole = max(effective_full, duration_sum)
    missing = effective_whole - effective_full
    pessimistic_high = effective_high + missing
    optimistic_exceed_ratio = effective_high / effective_whole
    pessimistic_exceed_ratio = pessimistic_high / effective_whole
    if optimistic_exceed_ratio > exceed:
        return "upper bound"
    if pessimistic_exceed_ratio <= exceed:
        return "lower bound"
    return "undecided"


def conditional_loss_ratio(trials, goal):
    """Of "Conditional Throughput Code": the whole is at least the Goal Duration Sum. None where there is no full-length trial."""
    _, exceed, final, duration_sum = goal
    full = sorted((l, d) for d, l in trials if d >= final)
    if not full:
        return None
    remaining = max(sum(d for _, d in full), duration_sum) * (1 - exceed)
    current = Fraction(1)
    for loss, duration in full:
        if remaining <= 0:
            break
        current = loss
        remaining -= duration
    return Fraction(1) if remaining > 0 else current


def stream(rng, goal):
    final = int(goal[2])
    lossy = rng.random()
    losses = [Fraction(0), Fraction(1, 1000), Fraction(1, 200), Fraction(1, 100), Fraction(1)]
    return [
        (
            Fraction(final if rng.random() < 0.7 else rng.choice([final // 2, final // 10, 2 * final])),
            rng.choice(losses[2:]) if rng.random() < lossy else rng.choice(losses[:3]),
        )
        for _ in range(rng.randint(0, 45))
    ]


def main():
    rng = random.Random(9971)
    cases = []
    for loss, exceed, final, duration_sum in GOALS:
        goal = (Fraction(loss), Fraction(exceed), Fraction(final), Fraction(duration_sum))
        for _ in range(40):
            trials = stream(rng, goal)
            quantile = conditional_loss_ratio(trials, goal)
            cases.append(
                {
                    "goal": [float(loss), float(exceed), final, duration_sum],
                    "trials": [[int(d), float(l)] for d, l in trials],
                    "class": classify(trials, goal),
                    "loss": None if quantile is None else float(quantile),
                }
            )
    print("[\n" + ",\n".join(json.dumps(each) for each in cases) + "\n]")


main()
