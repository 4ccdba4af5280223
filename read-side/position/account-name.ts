/** What names an account: two tenants may have accounts of the same id. */
export type AccountName = { readonly tenant: string; readonly accountId: string }
