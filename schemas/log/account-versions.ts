import type {
  AccountFrozen,
  AccountOpened,
  AccountOpenedV1,
  AccountStatusChanged,
  AccountStatusV1,
} from './account-events.ts'

/** Version 1 had the name among all else. */
export function openedFromV1({ name, ...rest }: AccountOpenedV1): AccountOpened {
  return name === undefined ? rest : { ...rest, personal: { subject: rest.owner, form: 'plain', data: { name } } }
}

/** Undefined for what version 1 cannot say; else in the order in which version 1 was written. */
export function openedToV1({ personal, openedOn, ...opened }: AccountOpened): AccountOpenedV1 | undefined {
  const { accountId, type, currency, owner, ...rest } = opened
  const { name, ownerReference } = personal?.data ?? {}
  if (openedOn !== undefined || ownerReference !== undefined) return undefined
  return { accountId, type, currency, owner, ...(name === undefined ? {} : { name }), ...rest }
}

/** Version 1 had the reason beside the account, and did not say whom it is about. */
export function statusFromV1({ accountId, reason }: AccountStatusV1): AccountStatusChanged {
  return reason === undefined ? { accountId } : { accountId, personal: { form: 'plain', data: { reason } } }
}

export function statusToV1({ accountId, personal }: AccountStatusChanged): AccountStatusV1 {
  const reason = personal?.data.reason
  return reason === undefined ? { accountId } : { accountId, reason }
}

/** Version 1 knew no directions: an account neither paid nor was paid. */
export function frozenFromV1(data: AccountStatusV1): AccountFrozen {
  const { accountId, ...reason } = statusFromV1(data)
  return { accountId, direction: 'all', ...reason }
}

/** Undefined for what version 1 cannot say. */
export function frozenToV1({ direction, ...changed }: AccountFrozen): AccountStatusV1 | undefined {
  return direction === 'all' ? statusToV1(changed) : undefined
}
