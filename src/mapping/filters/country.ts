/** Countries by their names in English and by their two letters, as Unicode names them. */

const regions = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' })
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
/** Regions that are no countries, such as the European Union or `ZZ`, and codes that are out of use. */
const none: ReadonlySet<string> = new Set(
  'AC AN BU CP CQ CS DD DG DY EA EU EZ FX HV IC NH NT QO RH SU TA TP UK UN VD XA XB XK YD YU ZR ZZ'.split(
    ' ',
  ),
)
const shorter: Readonly<Record<string, string>> = { HK: 'Hong Kong', MO: 'Macao' }
const names = new Map(
  Array.from(letters, (one) => Array.from(letters, (other) => one + other))
    .flat()
    .flatMap((code) => {
      const name = none.has(code) ? undefined : (shorter[code] ?? regions.of(code))
      return name === undefined ? [] : [[code, name] as const]
    }),
)

/** `GB` is `United Kingdom`. Undefined: it is the code of no country. */
export function countryNamed(code: string): string | undefined {
  return names.get(code.toUpperCase())
}

/** `Jersey` is `JE`. Undefined: no country is called so. */
export function countryCode(name: string): string | undefined {
  return codes.get(plain(name))
}

const plain = (name: string) =>
  name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/&/g, 'and')
    .replace(/[^\p{L}]+/gu, ' ')
    .trim()

/** What people write beside the name that Unicode has. */
const alsoCalled: Readonly<Record<string, string>> = {
  ...{ 'Czech Republic': 'CZ', 'Great Britain': 'GB', Holland: 'NL', Macau: 'MO' },
  ...{ Turkey: 'TR', USA: 'US', 'United States of America': 'US', UK: 'GB', UAE: 'AE' },
}
const codes = new Map([
  ...[...names].map(([code, name]) => [plain(name), code] as const),
  ...Object.entries(alsoCalled).map(([name, code]) => [plain(name), code] as const),
])
