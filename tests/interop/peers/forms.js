// forms.js ENDPOINT KEY SECRET TOKEN REGION: browser forms of aws-sdk-js 2 and minio-js, sent with fetch.
// Prints a line for each mode: its name, a tab, and ok or what went wrong.
const assert = require('assert')
const path = require('path')
process.env.AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE = '1'
const module_ = name => require(path.join(process.env.INTEROP_MODULES, name))
const AWS = module_('aws-sdk')
const Minio = module_('minio')

const [endpoint, accessKeyId, secretAccessKey, sessionToken, region] = process.argv.slice(2)
const { hostname, port } = new URL(endpoint)
const modes = {
  async 'aws-sdk-js 2: createPresignedPost'() {
    const s3 = new AWS.S3({ endpoint, region, accessKeyId, secretAccessKey, sessionToken, s3ForcePathStyle: true, signatureVersion: 'v4', maxRetries: 0 })
    const { url, fields } = s3.createPresignedPost({ Bucket: 'bucket', Fields: { key: 'up/two.png' }, Conditions: [['content-length-range', 1, 100]], Expires: 60 })
    assert.equal(fields.bucket, 'bucket', 'it sends the field that browsers do not')
    await post(url, fields)
    assert.equal((await s3.getObject({ Bucket: 'bucket', Key: 'up/two.png' }).promise()).Body.toString(), 'a picture')
  },
  async 'minio-js: presignedPostPolicy'() {
    const client = new Minio.Client({ endPoint: hostname, port: Number(port), useSSL: false, accessKey: accessKeyId, secretKey: secretAccessKey, sessionToken, region })
    const policy = client.newPostPolicy()
    policy.setBucket('bucket')
    policy.setKey('up/minio.png')
    policy.setContentLengthRange(1, 100)
    policy.setContentType('image/png')
    policy.setExpires(new Date(Date.now() + 60_000))
    const { formData } = await client.presignedPostPolicy(policy)
    assert.equal(formData.bucket, 'bucket', 'it sends the field that browsers do not')
    await post(`${endpoint}/bucket`, formData)
    assert.equal((await client.statObject('bucket', 'up/minio.png')).size, 9)
  },
}

async function post(url, fields) {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.append(name, value)
  form.append('file', new Blob(['a picture'], { type: 'image/png' }), 'picture.png')
  form.append('submit', 'Upload') // a button, which S3 ignores
  const response = await fetch(url, { method: 'POST', body: form })
  assert.equal(response.status, 204, await response.text())
}

;(async () => {
  for (const [name, mode] of Object.entries(modes)) {
    const result = await mode().then(() => 'ok', error => String(error.stack).replaceAll('\n', ' | '))
    console.log(`${name}\t${result}`)
  }
})()
