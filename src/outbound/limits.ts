/** What outbound needs to know of a destination's rate limits, and tells when it learns of one. */
export interface Limits {
  /** Bucket names include the destination: `hibob.search`. */
  pausedUntil(bucket: string): Date | undefined
  pause(bucket: string, until: Date): void | Promise<void>
}
