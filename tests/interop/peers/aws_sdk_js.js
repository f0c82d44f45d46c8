// aws_sdk_js.js ENDPOINT KEY SECRET TOKEN REGION: an S3 client's day with the AWS SDK for JavaScript 3.
// Prints a line for each mode: its name, a tab, and ok or what went wrong.
const assert = require('assert')
const path = require('path')
const { Readable } = require('stream')
const module_ = name => require(path.join(process.env.INTEROP_MODULES, name))
const { S3, GetObjectCommand, PutObjectCommand } = module_('@aws-sdk/client-s3')
const { Upload } = module_('@aws-sdk/lib-storage')
const { getSignedUrl } = module_('@aws-sdk/s3-request-presigner')
const { createPresignedPost } = module_('@aws-sdk/s3-presigned-post')

const [endpoint, accessKeyId, secretAccessKey, sessionToken, region] = process.argv.slice(2)
const s3 = new S3({ endpoint, region, forcePathStyle: true, maxAttempts: 1, credentials: { accessKeyId, secretAccessKey, sessionToken } })
const KEYS = ['a b', 'a+b', 'c%2Bd', 'café', '日本', 'a//b', 'folder/sub/', '$&,:;=@', '~-._', '100%', "!'()*", 'what?', '#hash', '<tag>"\\|^`{}', 'a/./b', '..hidden', 'tab\there', 'e\u0301', '🦀', 'k'.repeat(900)]
const Bucket = 'bucket'
const read = async (Key, more = {}) => Buffer.from(await (await s3.getObject({ Bucket, Key, ...more })).Body.transformToByteArray())
const modes = {
  async [`PUT, HEAD, GET, DELETE of ${KEYS.length} awkward keys`]() {
    for (const Key of KEYS) {
      await s3.putObject({ Bucket, Key, Body: Key, Metadata: { a: 'b' } })
      assert.equal((await s3.headObject({ Bucket, Key })).ContentLength, Buffer.byteLength(Key))
      assert.equal((await read(Key)).toString(), Key)
    }
    const listed = (await s3.listObjectsV2({ Bucket, EncodingType: 'url' })).Contents.map(entry => decodeURIComponent(entry.Key))
    assert.deepEqual(listed.sort(), [...KEYS].sort())
    for (const Key of KEYS) await s3.deleteObject({ Bucket, Key })
  },
  async ranges() {
    await s3.putObject({ Bucket, Key: 'range', Body: '0123456789' })
    assert.equal((await read('range', { Range: 'bytes=3-5' })).toString(), '345')
  },
  async 'checksums CRC32, CRC32C, CRC64NVME, SHA1, SHA256'() {
    for (const ChecksumAlgorithm of ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256']) {
      await s3.putObject({ Bucket, Key: 'sum', Body: 'hello', ChecksumAlgorithm })
    }
  },
  async 'stream with a trailing checksum'() {
    const content = Buffer.alloc(300_000, 'stream')
    await s3.putObject({ Bucket, Key: 'stream', Body: Readable.from([content.subarray(0, 100_000), content.subarray(100_000)]), ContentLength: content.length })
    assert(content.equals(await read('stream')))
  },
  async 'lib-storage: 12 MiB in parallel'() {
    const Body = Buffer.alloc(12 * 2 ** 20, 'large')
    await new Upload({ client: s3, params: { Bucket, Key: 'large', Body }, partSize: 5 * 2 ** 20, queueSize: 3 }).done()
    assert(Body.equals(await read('large')))
  },
  async 'presigned a/./b: fetch resolves the dot, so the URL is refused'() {
    const put = await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key: 'a/./b' }), { expiresIn: 60 })
    assert.equal((await fetch(put, { method: 'PUT', body: 'hello' })).status, 403)
  },
  async 'presigned GET and PUT'() {
    for (const Key of KEYS.filter(key => !key.includes('/./'))) {
      const put = await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key }), { expiresIn: 60 })
      assert.equal((await fetch(put, { method: 'PUT', body: 'hello' })).status, 200, Key)
      const get = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key }), { expiresIn: 60 })
      assert.equal(await (await fetch(get)).text(), 'hello', Key)
    }
  },
  async 'browser form'() {
    const { url, fields } = await createPresignedPost(s3, { Bucket, Key: 'up/${filename}', Conditions: [['content-length-range', 1, 100]], Fields: { success_action_status: '201' }, Expires: 60 })
    await post(url, fields)
    assert.equal((await read('up/three.png')).toString(), 'a picture')
  },
}

async function post(url, fields) {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.append(name, value)
  form.append('file', new Blob(['a picture'], { type: 'image/png' }), 'three.png')
  const response = await fetch(url, { method: 'POST', body: form })
  assert.equal(response.status, 201, await response.text())
}

;(async () => {
  for (const [name, mode] of Object.entries(modes)) {
    const result = await mode().then(() => 'ok', error => String(error.stack).replaceAll('\n', ' | '))
    console.log(`${name}\t${result}`)
  }
})()
