// Working memory that kernels keep for the thread that calls them.
#pragma once

/// Gives back what kernels keep for the calling thread. They make it anew when they need it: for threads that compute now and then.
void ck_scratch_release(void);
