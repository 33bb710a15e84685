#include "CPhones.h"
#include <cstring>
#include <phonenumbers/phonenumberutil.h>
#include <string>

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

// The library strips one trunk zero; what is left of several it takes for the leading zeros that Italian numbers keep.
static bool without_trunk_zeros(const PhoneNumberUtil *util, PhoneNumber *number) {
    if (!number->italian_leading_zero()) return false;
    PhoneNumber stripped = *number;
    stripped.clear_italian_leading_zero();
    stripped.clear_number_of_leading_zeros();
    if (!util->IsValidNumber(stripped)) return false;
    *number = stripped;
    return true;
}

// Ranges are opened after a distribution's metadata: Ukrainian numbers, most of ours, are known by their shape; others
// that are written with their country's code by their length.
static bool may_be_new(const PhoneNumberUtil *util, const PhoneNumber &number, int is_international) {
    if (number.italian_leading_zero()) return false;
    if (number.country_code() == 380) return number.national_number() / 100000000 >= 3 && number.national_number() < 1000000000;
    return is_international && util->IsPossibleNumberWithReason(number) == PhoneNumberUtil::IS_POSSIBLE;
}

extern "C" size_t cphones_e164(
    const char *text, size_t length, const char *country, int is_international, char *out, size_t size) {
    // No exception may leave a C function: without memory there is no number.
    try {
        const PhoneNumberUtil *util = PhoneNumberUtil::GetInstance();
        PhoneNumber number;
        if (util->Parse(std::string(text, length), country, &number) != PhoneNumberUtil::NO_PARSING_ERROR) return 0;
        if (!util->IsValidNumber(number) && !without_trunk_zeros(util, &number) &&
            !may_be_new(util, number, is_international))
            return 0;
        std::string formatted;
        util->Format(number, PhoneNumberUtil::E164, &formatted);
        if (formatted.size() > size) return 0;
        std::memcpy(out, formatted.data(), formatted.size());
        return formatted.size();
    } catch (...) {
        return 0;
    }
}
