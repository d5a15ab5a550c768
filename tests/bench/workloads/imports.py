"""An import-heavy cold start."""
import numpy
import pandas

print(numpy.arange(3).sum(), len(pandas.__version__) > 0)
