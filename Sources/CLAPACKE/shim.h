#pragma once
// Complex numbers as structures: Swift imports no C99 complex type.
#define LAPACK_COMPLEX_STRUCTURE
#include <lapacke.h>
