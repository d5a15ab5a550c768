def fit(rows: list):
    from sklearn.svm import LinearSVC

    return LinearSVC().fit(rows, range(len(rows)))
