/** Keeps PostgreSQL to looking things up. */

/**
 * Ends a subquery that is to be looked up for each row on its outside. PostgreSQL would join it with all of them, and take one walk
 * through the whole index of a table that it believes to be small for cheaper.
 */
export const lookedUp = 'offset 0'
