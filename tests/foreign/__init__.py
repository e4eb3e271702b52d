"""Our packages in programs that others wrote: an LMS, the Nu HTML checker."""
