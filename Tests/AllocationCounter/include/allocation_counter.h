#ifndef ALLOCATION_COUNTER_H
#define ALLOCATION_COUNTER_H

/// Number of heap allocations made by this process so far.
unsigned long allocation_count(void);

#endif
