#pragma once
#include <microhttpd.h>
#include <sys/eventfd.h>
