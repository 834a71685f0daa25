#pragma once
// OpenBLAS's own C interface to BLAS, with its thread and kernel queries.
#include <cblas.h>
