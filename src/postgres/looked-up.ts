/** Makes PostgreSQL look a subquery up for each row. */

/**
 * Ends a subquery that is evaluated for each outer row. PostgreSQL would otherwise join it, and scan the whole index of a table
 * that it believes to be small.
 */
export const lookedUp = 'offset 0'
