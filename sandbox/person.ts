/** Who somebody is: what the oracle goes by, and nothing that is imitated ever shows. */

/** Of whom nobody has said who they are: whoever has this address and this first name. */
export function personOf({
  email,
  firstName,
}: {
  readonly email: string
  readonly firstName: string
}): string {
  return `${plain(email)} ${plain(firstName)}`
}

/** The first name of somebody of whom only the address is given: the same wherever it is given. */
export function firstNameIn(email: string): string {
  const [letters = 'Ada'] = /^\P{L}*(\p{L}+)/u.exec(email.split('@')[0] ?? '')?.slice(1) ?? []
  return letters.charAt(0).toUpperCase() + letters.slice(1).toLowerCase()
}

function plain(text: string): string {
  return text
    .normalize('NFC')
    .replace(/\p{Cf}/gu, '')
    .replace(/\s+/gu, ' ')
    .trim()
    .toLowerCase()
}
