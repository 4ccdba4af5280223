/**
 * The secret of every client of the development issuer: it protects nothing, which is why the issuer listens on
 * loopback only.
 */
export const developmentSecret = 'development'
