/** The URL of a destination, as a field of an integration's settings or secrets. */
import { z } from 'zod'

/**
 * An http(s) URL of at most 2,048 characters without user and password, which would be shown with it and are not sent. Whether it
 * may be called (https, public address) is checked at each call.
 */
export const httpAddress = z
  .url({ protocol: /^https?$/ })
  .max(2048)
  .refine((address) => {
    const { username, password } = new URL(address)
    return username === '' && password === ''
  }, 'must not contain a user or a password')
