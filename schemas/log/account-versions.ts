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

/** Undefined for what version 1 cannot say. */
export function openedToV1({ personal, ...rest }: AccountOpened): AccountOpenedV1 | undefined {
  const { openedOn, ...opened } = rest
  const { name, ownerReference } = personal?.data ?? {}
  if (openedOn !== undefined || ownerReference !== undefined) return undefined
  return name === undefined ? opened : { ...opened, name }
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
