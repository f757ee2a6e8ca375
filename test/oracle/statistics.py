"""Makes statistics.json: what SciPy, NumPy and statsmodels say of fixed data, for test/unit/results/statistics-oracle.test.ts.

    python3 test/oracle/statistics.py > test/oracle/statistics.json

Nothing here knows our code. The dip comes from its definition, as a linear programme; intervals of Newcombe and of Hettmansperger & Sheather from
their papers' formulas over SciPy's distributions.
"""

import json
import math
import platform
import random

import numpy as np
import scipy
import statsmodels
from scipy import optimize, stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

rng = random.Random(20261121)


def lognormal(n, mu=0.0, sigma=0.3, digits=6):
    return [round(math.exp(rng.gauss(mu, sigma)), digits) for _ in range(n)]


def special():
    xs = [1e-6, 0.01, 0.1, 0.3, 0.5, 0.77, 0.9, 0.999]
    shapes = [(0.5, 0.5), (1, 3), (2.5, 0.5), (10.5, 10.5), (50, 3), (500.5, 500.5), (20000, 20010)]
    return {
        "beta": [[x, a, b, float(scipy.special.betainc(a, b, x))] for x in xs for a, b in shapes],
        "logGamma": [[x, float(scipy.special.gammaln(x))] for x in [0.01, 0.5, 1, 1.5, 2, 3.7, 10, 171.5, 12345.6]],
        "binomial": [
            [k, n, p, float(stats.binom.cdf(k, n, p))]
            for k, n, p in [(0, 1, 0.5), (2, 5, 0.5), (5, 20, 0.5), (0, 20, 0.5), (19, 20, 0.5), (430, 1000, 0.5), (49000, 100000, 0.5), (3, 40, 0.1)]
        ],
        "studentTail": [[t, df, float(stats.t.sf(t, df))] for t in [-3, -0.1, 0, 0.5, 2, 10, 60] for df in [1, 2, 4, 9, 38, 400]],
        "studentQuantile": [[p, df, float(stats.t.ppf(p, df))] for p in [0.025, 0.5, 0.8, 0.975, 0.9995] for df in [1, 2, 4, 9, 38, 400]],
        "normalTail": [[z, float(stats.norm.sf(z))] for z in [-6, -1.5, 0, 0.3, 1, 1.96, 2.9, 3.1, 5, 9, 20, 37]],
    }


def mann_whitney():
    cases = []
    shapes = [(1, 1), (1, 4), (3, 3), (4, 7), (5, 5), (8, 30), (20, 20), (20, 35), (50, 60), (1, 200)]
    for n, m in shapes:
        x, y = lognormal(n), lognormal(m, 0.2)
        cases.append(("untied", x, y))
        cases.append(("tied", [round(v, 1) for v in x], [round(v, 1) for v in y]))
    cases.append(("apart", [1, 2, 3, 4, 5, 6], [11, 12, 13, 14, 15, 16, 17]))
    cases.append(("zeros", [0, 0, 0, 1.5, 2], [0, 2, 3, 4, 4]))
    found = []
    for name, x, y in cases:
        tied = len(set(x + y)) < len(x) + len(y)
        asymptotic = stats.mannwhitneyu(x, y, alternative="two-sided", method="asymptotic", use_continuity=True)
        exact = None if tied else float(stats.mannwhitneyu(x, y, alternative="two-sided", method="exact").pvalue)
        p = float(asymptotic.pvalue)
        found.append({"name": name, "x": x, "y": y, "u": float(asymptotic.statistic), "asymptotic": None if math.isnan(p) else p, "exact": exact})
    return found


def sign():
    pairs = [(0, 1), (1, 1), (0, 5), (0, 6), (5, 15), (4, 16), (3, 17), (10, 10), (60, 40), (480, 520), (5000, 5300)]
    return [[a, b, float(stats.binomtest(a, a + b, 0.5).pvalue)] for a, b in pairs]


def holm():
    lists = [[0.01], [0.01, 0.04, 0.03, 0.005], [0.5, 0.5, 0.5], [0.0001, 0.9, 0.02, 0.02, 0.3, 0.01], [1, 0, 0.2]]
    return [{"p": ps, "corrected": [float(v) for v in multipletests(ps, method="holm")[1]]} for ps in lists]


def quantiles():
    found = []
    for n in [1, 2, 3, 4, 5, 10, 21, 100]:
        samples = lognormal(n, 3, 1)
        ps = [0, 0.025, 0.1, 0.5, 0.9, 0.99, 1]
        found.append({
            "samples": samples,
            "median": float(np.median(samples)),
            "quantiles": [[p, float(np.quantile(samples, p))] for p in ps],
        })
    return found


def median_intervals():
    """Hettmansperger & Sheather (1986): with d the depth of the last interval of at least the level, between it and the next."""
    found = []
    for n in [6, 7, 9, 10, 15, 20, 21, 40, 101, 400]:
        samples = sorted(lognormal(n))
        for level in [0.9, 0.95, 0.99]:
            depths = [d for d in range(1, n // 2 + 1) if 1 - 2 * stats.binom.cdf(d - 1, n, 0.5) >= level]
            if not depths:
                continue
            d = max(depths)
            gamma = 1 - 2 * stats.binom.cdf(d - 1, n, 0.5)
            next_gamma = 1 - 2 * stats.binom.cdf(d, n, 0.5)
            part = (gamma - level) / (gamma - next_gamma)
            lam = (n - d) * part / (d + (n - 2 * d) * part)
            low = (1 - lam) * samples[d - 1] + lam * samples[d]
            high = (1 - lam) * samples[n - d] + lam * samples[n - d - 1]
            found.append({"samples": samples, "level": level, "rank": d, "low": float(low), "high": float(high)})
    return found


def resampled_medians():
    """Bootstrap of medians of an odd number, by drawing 400,000 times: quantiles of the ratio, and standard error of the median."""
    generator = np.random.default_rng(7)
    found = []
    for n, m in [(9, 11), (21, 15), (51, 81)]:
        x, y = np.array(lognormal(n)), np.array(lognormal(m, 0.1))
        draws = [np.median(generator.choice(v, (400_000, len(v))), axis=1) for v in (x, y)]
        ratios = np.log(draws[1] / draws[0])
        found.append({
            "x": x.tolist(),
            "y": y.tolist(),
            "low": float(np.quantile(ratios, 0.025)),
            "high": float(np.quantile(ratios, 0.975)),
            "error": float(np.std(np.median(generator.choice(np.log(y), (400_000, m)), axis=1))),
        })
    return found


def proportions():
    wilson = [[k, n, *map(float, proportion_confint(k, n, 0.05, method="wilson"))] for k, n in [(0, 10), (1, 10), (81, 263), (5, 1000), (999, 1000), (7, 7), (3, 160000)]]
    differences = []
    for a, n, b, m in [(56, 70, 48, 80), (9, 10, 3, 10), (0, 20, 5, 20), (10, 16000, 45, 16000), (0, 10, 0, 20)]:
        # statsmodels gives the first less the second.
        low, high = confint_proportions_2indep(b, m, a, n, method="newcomb", compare="diff")
        differences.append([a, n, b, m, float(low), float(high)])
    return {"wilson": wilson, "newcombe": differences}


def losses():
    """Rao & Scott's design effect, from the ratio estimator's variance, and Wilson's interval with Student's t."""
    found = []
    for trials in [2, 5, 20, 60]:
        accepted = [rng.choice([400, 800, 1600]) for _ in range(trials)]
        lost = [int(n * min(0.9, rng.expovariate(4))) if rng.random() < 0.6 else 0 for n in accepted]
        lost[0] = lost[0] or 7
        x, n = np.array(lost), np.array(accepted)
        p = x.sum() / n.sum()
        variance = trials / (trials - 1) * ((x - n * p) ** 2).sum() / n.sum() ** 2
        effect = max(1, variance / (p * (1 - p) / n.sum()))
        size = n.sum() / effect
        z = stats.t.ppf(0.975, trials - 1)
        centre = (p + z * z / (2 * size)) / (1 + z * z / size)
        half = z / (1 + z * z / size) * math.sqrt(p * (1 - p) / size + z * z / (4 * size * size))
        found.append({"lost": lost, "accepted": accepted, "ratio": float(p), "low": float(centre - half), "high": float(centre + half)})
    return found


def dips():
    found = []
    for name, n in [("normal", 4), ("normal", 9), ("normal", 25), ("modes", 10), ("modes", 20), ("modes", 33), ("uniform", 16), ("tied", 20), ("skew", 21)]:
        samples = {
            "normal": lambda: [round(rng.gauss(0, 1), 4) for _ in range(n)],
            "modes": lambda: [round(rng.gauss(0 if rng.random() < 0.4 else 4, 0.5), 4) for _ in range(n)],
            "uniform": lambda: [round(rng.random(), 4) for _ in range(n)],
            "tied": lambda: [round(rng.gauss(0, 1)) for _ in range(n)],
            "skew": lambda: lognormal(n, 0, 1),
        }[name]()
        samples.sort()
        found.append({"name": name, "samples": samples, "dip": dip(samples)})
    return found


def dip(samples):
    """The least e such that some unimodal distribution function is within e of the empirical one, over all places of the mode."""
    n = len(samples)
    xs = sorted(set(samples))
    left = [sum(s < x for s in samples) / n for x in xs]
    right = [sum(s <= x for s in samples) / n for x in xs]
    return min(dip_with_mode(xs, left, right, mode) for mode in range(len(xs)))


def dip_with_mode(xs, left, right, mode):
    # Unknown: the function at each x (continuous but at the mode), its limit from the left at the mode, and e.
    k = len(xs)
    limit, e = k, k + 1
    rows, bounds = [], []

    def at_most(coefficients, bound):
        row = [0.0] * (k + 2)
        for index, value in coefficients:
            row[index] += value
        rows.append(row)
        bounds.append(bound)

    def before(i):
        return limit if i == mode else i

    for i in range(k):
        at_most([(before(i), 1), (e, -1)], left[i])
        at_most([(before(i), -1), (e, -1)], -left[i])
        at_most([(i, 1), (e, -1)], right[i])
        at_most([(i, -1), (e, -1)], -right[i])
    at_most([(limit, 1), (mode, -1)], 0)
    # Rising, convex up to the mode, concave from it on.
    for i in range(k - 1):
        if i < mode:
            at_most([(i, 1), (before(i + 1), -1)], 0)
        else:
            at_most([(i, 1), (i + 1, -1)], 0)
    for i in range(1, mode):
        a, b = xs[i] - xs[i - 1], xs[i + 1] - xs[i]
        at_most([(i, 1 / a + 1 / b), (i - 1, -1 / a), (before(i + 1), -1 / b)], 0)
    for i in range(mode + 1, k - 1):
        a, b = xs[i] - xs[i - 1], xs[i + 1] - xs[i]
        at_most([(i, -1 / a - 1 / b), (i - 1, 1 / a), (i + 1, 1 / b)], 0)
    result = optimize.linprog([0.0] * (k + 1) + [1.0], A_ub=rows, b_ub=bounds, bounds=[(0, 1)] * (k + 2), method="highs")
    assert result.success
    return float(result.fun)


def prediction():
    """A further observation against k others: its prediction interval, and the p at which that would touch it."""
    found = []
    for k in [2, 5, 12]:
        medians, latest = lognormal(k, 5, 0.05), lognormal(1, 5.1, 0.05)[0]
        logs = np.log(medians)
        error = logs.std(ddof=1) * math.sqrt(1 + 1 / k)
        difference = math.log(latest) - logs.mean()
        half = stats.t.ppf(0.975, k - 1) * error
        p = 2 * stats.t.sf(abs(difference) / error, k - 1)
        found.append({"medians": medians, "latest": latest, "ratio": math.exp(difference), "low": math.exp(difference - half), "high": math.exp(difference + half), "p": float(p)})
    return found


fixture = {
    "made with": {"python": platform.python_version(), "scipy": scipy.__version__, "numpy": np.__version__, "statsmodels": statsmodels.__version__},
    "special": special(),
    "mannWhitney": mann_whitney(),
    "sign": sign(),
    "holm": holm(),
    "quantiles": quantiles(),
    "medianIntervals": median_intervals(),
    "resampledMedians": resampled_medians(),
    "proportions": proportions(),
    "losses": losses(),
    "dips": dips(),
    "prediction": prediction(),
}
lines = ",\n".join(f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in fixture.items())
print("{\n" + lines + "\n}")
