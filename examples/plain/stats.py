"""A plain function, no platform: summary figures of a list of numbers."""
import statistics

from scipy import stats


def summary(numbers):
    return {
        "n": len(numbers),
        "mean": statistics.fmean(numbers),
        "median": statistics.median(numbers),
        "spread": statistics.pstdev(numbers),
    }


def looks_normal(numbers, level=0.05):
    return bool(stats.shapiro(numbers).pvalue > level)
