#pragma once
#include <idn2.h>

/// The flags with which names beyond ASCII are looked up (UTS #46, without the transitional forms): constants that are
/// cast are not imported. Not IDN2_USE_STD3_ASCII_RULES: it drops what it does not allow without a word.
static inline int cidn2_flags(void) { return IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL; }
