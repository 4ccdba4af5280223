import kafkajs, { type Kafka } from 'kafkajs'
import { withAdmin } from './client.ts'

/**
 * Lets `writer` write the topics that begin with `topic`, and make them, and `reader` read them: what
 * docs/deployment.md says that each needs. What is there stays. The client is an administrator's.
 */
export async function grantRights(client: Kafka, topic: string, writer: string, reader: string): Promise<void> {
  const allow = (user: string, operations: readonly Operation[]) =>
    operations.map((operation) => ({
      ...{ resourceType: kafkajs.AclResourceTypes.TOPIC, resourceName: topic },
      ...{ resourcePatternType: kafkajs.ResourcePatternTypes.PREFIXED, principal: `User:${user}`, host: '*' },
      ...{ operation: kafkajs.AclOperationTypes[operation], permissionType: kafkajs.AclPermissionTypes.ALLOW },
    }))
  const acl = [...allow(writer, logRights.writer), ...allow(reader, logRights.reader)]
  await withAdmin(client, (admin) => admin.createAcls({ acl }))
}

type Operation = keyof typeof kafkajs.AclOperationTypes

const reading = ['READ', 'DESCRIBE', 'DESCRIBE_CONFIGS'] as const

/** On the topics whose names begin with that of the ledger, and on nothing else. */
export const logRights = {
  reader: reading,
  writer: [...reading, 'WRITE', 'CREATE', 'ALTER_CONFIGS'],
} as const satisfies Readonly<Record<string, readonly Operation[]>>
