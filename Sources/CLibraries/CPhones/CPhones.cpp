#include "CPhones.h"
#include <cstring>
#include <phonenumbers/phonenumberutil.h>
#include <string>

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

extern "C" size_t cphones_e164(const char *text, size_t length, const char *country, char *out, size_t size) {
    // No exception may leave a C function: without memory there is no number.
    try {
        const PhoneNumberUtil *util = PhoneNumberUtil::GetInstance();
        PhoneNumber number;
        if (util->Parse(std::string(text, length), country, &number) != PhoneNumberUtil::NO_PARSING_ERROR) return 0;
        if (!util->IsValidNumber(number)) return 0;
        std::string formatted;
        util->Format(number, PhoneNumberUtil::E164, &formatted);
        if (formatted.size() > size) return 0;
        std::memcpy(out, formatted.data(), formatted.size());
        return formatted.size();
    } catch (...) {
        return 0;
    }
}
