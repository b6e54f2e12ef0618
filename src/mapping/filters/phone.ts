/** Phone numbers as `+447700900123` (E.164), by the numbering plans of libphonenumber. What is none has no result. */
import { isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js'

/** `country`: two letters, of a number that does not name its own. Undefined: it cannot be told. */
export function toE164(text: string, country: string | undefined): string | undefined {
  const from = country?.toUpperCase() ?? ''
  // `extract`: a text with a number somewhere in it is not taken for that number.
  const found = parsePhoneNumberFromString(text, {
    ...(isSupportedCountry(from) && { defaultCountry: from }),
    extract: false,
  })
  // Of the length that the country has. Which ranges are in use changes faster than the plans here.
  return found?.isPossible() === true && found.ext === undefined ? found.number : undefined
}
