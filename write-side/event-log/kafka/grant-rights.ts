import kafkajs, { type Kafka } from 'kafkajs'
import { withAdmin } from './client.ts'

/**
 * Lets `writer` write the topics that begin with `topic`, and make them, and `reader` read them: what
 * docs/deployment.md says that each needs. What is there stays. The client is an administrator's.
 */
export async function grantRights(client: Kafka, topic: string, writer: string, reader: string): Promise<void> {
  const { AclOperationTypes: may } = kafkajs
  const allow = (user: string, operation: number) => ({
    ...{ resourceType: kafkajs.AclResourceTypes.TOPIC, resourceName: topic },
    ...{ resourcePatternType: kafkajs.ResourcePatternTypes.PREFIXED, principal: `User:${user}`, host: '*' },
    ...{ operation, permissionType: kafkajs.AclPermissionTypes.ALLOW },
  })
  const reading = [may.READ, may.DESCRIBE, may.DESCRIBE_CONFIGS]
  const writing = [...reading, may.WRITE, may.CREATE, may.ALTER_CONFIGS]
  const acl = [
    ...writing.map((operation) => allow(writer, operation)),
    ...reading.map((operation) => allow(reader, operation)),
  ]
  await withAdmin(client, (admin) => admin.createAcls({ acl }))
}
