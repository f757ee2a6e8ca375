"""Writes change-points.json: E-divisive straight from the paper, with nothing saved, for the tests of change-points.ts.

Matteson & James, JASA 109 (2014), doi 10.1080/01621459.2013.849605, equations (5) to (8); alpha = 1. Wants numpy:
    python3 test/oracle/change_points.py > test/oracle/change-points.json
"""

import json
from itertools import combinations, product

import numpy as np

LEAST = 3
LEVEL = 0.01
PERMUTATIONS = 999


def energy(left, right):
    """Q of two samples, sums written out."""
    n, m = len(left), len(right)
    between = sum(abs(x - y) for x, y in product(left, right)) / (n * m)
    within_left = np.mean([abs(x - y) for x, y in combinations(left, 2)])
    within_right = np.mean([abs(x - y) for x, y in combinations(right, 2)])
    return n * m / (n + m) * (2 * between - within_left - within_right)


def division(series):
    """(tau, kappa, Q): the best left part [0, tau) and right part [tau, kappa)."""
    best = None
    for tau in range(LEAST, len(series) - LEAST + 1):
        for kappa in range(tau + LEAST, len(series) + 1):
            q = energy(series[:tau], series[tau:kappa])
            if best is None or q > best[2]:
                best = (tau, kappa, q)
    return best


def fast_division(series):
    """The same by matrices, for the permutations; main() holds it against `division`."""
    n = len(series)
    if n < 2 * LEAST:
        return None
    corner = np.zeros((n + 1, n + 1))
    corner[1:, 1:] = np.abs(series[:, None] - series[None, :]).cumsum(0).cumsum(1)
    tau, kappa = np.meshgrid(np.arange(n + 1), np.arange(n + 1), indexing="ij")
    ok = (tau >= LEAST) & (kappa - tau >= LEAST)
    tau, kappa = tau[ok], kappa[ok]
    left, all_left, all_all = corner[tau, tau], corner[tau, kappa], corner[kappa, kappa]
    size = kappa - tau
    between = (all_left - left) / (tau * size)
    right = all_all - 2 * all_left + left
    q = tau * size / kappa * (2 * between - left / (tau * (tau - 1)) - right / (size * (size - 1)))
    best = int(np.argmax(q))
    return int(tau[best]), int(kappa[best]), float(q[best])


def change_points(series, random):
    segments, found = [(0, len(series))], []
    while True:
        best = max(
            ((d[2], a + d[0], a, b) for a, b in segments if (d := fast_division(series[a:b]))),
            default=None,
        )
        if best is None:
            break
        count = 1
        for _ in range(PERMUTATIONS):
            shuffled = np.concatenate([random.permutation(series[a:b]) for a, b in segments])
            count += any(
                d[2] >= best[0] * (1 - 1e-9) for a, b in segments if (d := fast_division(shuffled[a:b]))
            )
        p = count / (PERMUTATIONS + 1)
        if p > LEVEL:
            break
        q, at, a, b = best
        segments = sorted([*(s for s in segments if s != (a, b)), (a, at), (at, b)])
        found.append({"at": at, "p": p})
    return found


def cases(random):
    def noise(count, spread=0.05):
        return random.normal(0, spread, count)

    yield "noise", noise(40)
    yield "a step of 20% after 20 runs", np.concatenate([noise(20), noise(20) - 0.22])
    yield "half of it after 6 runs", np.concatenate([noise(6), noise(6) - 0.69])
    yield "down and back again", np.concatenate([noise(15), noise(10) - 0.4, noise(15)])
    yield "a staircase", np.concatenate([noise(12), noise(9) + 0.3, noise(14) + 0.6, noise(8) + 0.2])
    yield "outliers, no step", np.where(random.random(40) < 0.1, -0.5, 0) + noise(40)
    yield "a step with heavy tails", np.concatenate(
        [0.05 * random.standard_t(2, 25), -0.4 + 0.05 * random.standard_t(2, 25)]
    )
    yield "the last 3 of 30", np.concatenate([noise(27, 0.02), noise(3, 0.02) - 0.3])
    yield "5 and 5", np.concatenate([noise(5, 0.01), noise(5, 0.01) - 0.5])
    yield "few values, many ties", np.concatenate([random.integers(0, 3, 20), random.integers(2, 5, 20)])


def main():
    random = np.random.default_rng(20261121)
    fixtures = []
    for name, series in cases(random):
        series = np.round(series, 6)
        tau, kappa, q = division(series)
        fast = fast_division(series)
        assert (tau, kappa) == fast[:2] and abs(q - fast[2]) < 1e-9, name
        fixtures.append(
            {
                "name": name,
                "samples": series.tolist(),
                "changes": change_points(series, np.random.default_rng(7)),
            }
        )
    print(json.dumps(fixtures, indent=1))


main()
