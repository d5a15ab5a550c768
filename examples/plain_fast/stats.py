"""A plain function, no platform: summary figures of a list of numbers."""
import statistics


def summary(numbers):
    return {
        "n": len(numbers),
        "mean": statistics.fmean(numbers),
        "median": statistics.median(numbers),
        "spread": statistics.pstdev(numbers),
    }


def looks_normal(numbers, level=0.05):
    from scipy import stats

    return bool(stats.shapiro(numbers).pvalue > level)
