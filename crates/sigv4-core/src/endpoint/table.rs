//! Facts about AWS host names, read from botocore's endpoint rule sets, service models and partitions.
//!
//! Made by `tests/endpoints/make.py`, from the wheels on PyPI: do not edit.
//!
//! - botocore 1.44.8, sha256 76342a76c338701db80dcb8afe1c9bd079283d6fffbb9d881442abb02a215043
//! - botocore 1.41.0, sha256 a5018d6268eee358dfc5d86e596c3062b4e225690acaf946f54c00063b804bf8
//! - botocore 1.35.0, sha256 a3c96fe0b6afe7d00bad6ffbe73f2610953065fcdf0ed697eba4e1e5287cc84f
//! - botocore 1.29.16, sha256 271b599e6cfe214405ed50d41cd967add1d5d469383dd81ff583bc818b47f59b
//!
//! botocore: Copyright Amazon.com, Inc. or its affiliates, Apache License 2.0.

use super::rows::Partition;

pub(super) static PARTITIONS: [Partition; 8] = [
    Partition {
        starts: &["us-", "eu-", "ap-", "sa-", "ca-", "me-", "af-", "il-", "mx-"],
        global: "us-east-1",
    },
    Partition { starts: &["cn-"], global: "cn-northwest-1" },
    Partition { starts: &["eusc-de-"], global: "eusc-de-east-1" },
    Partition { starts: &["us-iso-"], global: "us-iso-east-1" },
    Partition { starts: &["us-isob-"], global: "us-isob-east-1" },
    Partition { starts: &["eu-isoe-"], global: "eu-isoe-west-1" },
    Partition { starts: &["us-isof-"], global: "us-isof-south-1" },
    Partition { starts: &["us-gov-"], global: "us-gov-west-1" },
];

/// The indices of all partitions.
pub(super) static ALL_PARTITIONS: &str = "01234567";

/// Domains, the longest first, with the indices of their partitions. A row's `@` names them by letter:
/// the first is `a`.
pub(super) static SUFFIXES: [(&str, &str); 28] = [
    ("global.api.amazonwebservices.com.cn", "1"),
    ("global.api.amazonwebservices.eu", "2"),
    ("global.api.cloud-aws.adc-e.uk", "5"),
    ("api.amazonwebservices.com.cn", "1"),
    ("global.api.aws.hci.ic.gov", "6"),
    ("api.amazonwebservices.eu", "2"),
    ("api.cloud-aws.adc-e.uk", "5"),
    ("global.api.aws.ic.gov", "3"),
    ("global.api.aws.scloud", "4"),
    ("global.cloud.adc-e.uk", "5"),
    ("global.csp.hci.ic.gov", "6"),
    ("global.sc2s.sgov.gov", "4"),
    ("us-gov.amazonaws.com", "7"),
    ("api.aws.hci.ic.gov", "6"),
    ("global.c2s.ic.gov", "3"),
    ("amazonaws.com.cn", "1"),
    ("api.aws.ic.gov", "3"),
    ("api.aws.scloud", "4"),
    ("cloud.adc-e.uk", "5"),
    ("csp.hci.ic.gov", "6"),
    ("global.api.aws", "0"),
    ("us-gov.api.aws", "7"),
    ("amazonaws.com", "07"),
    ("sc2s.sgov.gov", "4"),
    ("amazonaws.eu", "2"),
    ("c2s.ic.gov", "3"),
    ("api.aws", "07"),
    ("on.aws", "07"),
];

/// The regions of today and the indices of their partitions.
pub(super) static REGIONS: &str = "\
af-south-1=0
ap-east-1=0
ap-east-2=0
ap-northeast-1=0
ap-northeast-2=0
ap-northeast-3=0
ap-south-1=0
ap-south-2=0
ap-southeast-1=0
ap-southeast-2=0
ap-southeast-3=0
ap-southeast-4=0
ap-southeast-5=0
ap-southeast-6=0
ap-southeast-7=0
ca-central-1=0
ca-west-1=0
cn-north-1=1
cn-northwest-1=1
eu-central-1=0
eu-central-2=0
eu-isoe-west-1=5
eu-north-1=0
eu-south-1=0
eu-south-2=0
eu-west-1=0
eu-west-2=0
eu-west-3=0
eusc-de-east-1=2
il-central-1=0
me-central-1=0
me-south-1=0
me-west-1=0
mx-central-1=0
sa-east-1=0
sa-west-1=0
us-east-1=0
us-east-2=0
us-gov-east-1=7
us-gov-west-1=7
us-iso-east-1=3
us-iso-west-1=3
us-isob-east-1=4
us-isob-west-1=4
us-isof-east-1=6
us-isof-south-1=6
us-west-1=0
us-west-2=0
";

/// Names below the domains of `SUFFIXES`, but `on.aws`.
pub(super) static ROWS: &str = "\
a2i-runtime.sagemaker=sagemaker
a4b
abuse
access-analyzer
account
account-access
account-access-runtime=!bearer
acm
acm-acme=acm
acm-pca
aco-automation
admin.wickr=wickr
agent-discovery
agent-registry
agent-registry-control=agent-registry
agreement-marketplace=aws-marketplace
aidevops
aiops
airflow
airflow-serverless
amplify
amplifybackend
amplifyuibuilder
analytics-omics=omics
aos=es
aoss
api-fips.sagemaker=sagemaker
api-fulfill.dataexchange=dataexchange
api.airflow=airflow
api.detective=detective
api.ecr=ecr
api.ecr-public=ecr-public
api.elastic-inference=elastic-inference
api.fleethub.iot=iotfleethub
api.iot-tunneling=IoTSecuredTunneling
api.iotdeviceadvisor=iotdeviceadvisor
api.iotmanagedintegrations=iotmanagedintegrations
api.iotsitewise=iotsitewise
api.iottwinmaker=iottwinmaker
api.iotwireless=iotwireless
api.mediatailor=mediatailor
api.pricing=pricing
api.sagemaker=sagemaker
api.sustainability=sustainability . %us-east-1
api.thinclient=thinclient
api.tunneling.iot=IoTSecuredTunneling
apigateway
apiportal
app-integrations
appconfig
appconfigdata=appconfig
appfabric
appflow
application-autoscaling
application-cost-profiler
application-signals
applicationinsights
appmesh
apprunner
appstream2=appstream
appsync
apptest
aps
arc-recovery-control-config=route53-recovery-control-config
arc-region-switch
arc-region-switch-control-plane=arc-region-switch
arc-zonal-shift
artifact
athena
auditmanager
autoscaling
autoscaling-plans
b2bi
backup
backup-gateway
backup-search
backupstorage=backup-storage
batch
bcm-dashboards
bcm-data-exports
bcm-pricing-calculator
bcm-recommended-actions
bedrock
bedrock-agent=bedrock
bedrock-agent-runtime=bedrock
bedrock-agentcore
bedrock-agentcore-control=bedrock-agentcore
bedrock-data-automation=bedrock
bedrock-data-automation-runtime=bedrock
bedrock-runtime=bedrock
billing
billingconductor
braket
budgets . @dfgjklnpqrstwxyz{
cases
cassandra
cassandra-streams=cassandra
catalog-marketplace=aws-marketplace
catalog.marketplace=aws-marketplace
ce
chatbot
chime
cleanrooms
cleanrooms-ml
cloud9
cloudcontrolapi
clouddirectory
cloudformation
cloudfront . %cn-northwest-1 %us-east-1 @{:us-gov-west-1 @dfgnqrstuwxyz
cloudfront-kvs=cloudfront-keyvaluestore #a
cloudhsm
cloudhsmv2=cloudhsm
cloudsearch
cloudsearchdomain=cloudsearch
cloudtrail
cloudtrail-data
cloudwatch-omni=cloudwatch
cn.transcribe=transcribe
codeartifact
codebuild
codecatalyst=!bearer @abcehijlou
codecommit
codeconnections
codedeploy
codeguru-profiler
codeguru-reviewer
codeguru-security
codepipeline
codestar
codestar-connections
codestar-notifications
cognito-identity
cognito-idp
cognito-sync
comprehend
comprehendmedical
compute-optimizer
config
connect
connect-campaigns
contact-lens=connect
continuum
control-kinesis=kinesis # * **
control-kinesis-queues=kinesis # *
control-storage-omics=omics
controlcatalog
controlplane.payment-cryptography=payment-cryptography
controltower
cost-explorer=ce . %cn-northwest-1 %us-east-1
cost-optimization-hub
cp.aidevops=aidevops
cp.geofencing.geo=geo
cp.maps.geo=geo
cp.metadata.geo=geo
cp.places.geo=geo
cp.routes.geo=geo
cp.tracking.geo=geo
cur
data-ats.iot=iotdata
data-kinesis=kinesis # * **
data-kinesis-queues=kinesis # *
data-lakeformation=lakeformation
data-servicediscovery=servicediscovery
data-signer=signer
data.ats.iot=iotdata
data.iot=iotdata
data.iotevents=ioteventsdata
data.iotsitewise=iotsitewise
data.iottwinmaker=iottwinmaker
data.jobs.iot=iot-jobs-data
data.mediastore=mediastore
data.qapps=qapps
databrew
dataexchange
datapipeline
dataplane.evidently=evidently
dataplane.payment-cryptography=payment-cryptography
dataplane.rum=rum
datasync
datatransformation.healthlake=healthlake
datazone
dax
ddb=dynamodb #
deadline
deployment-marketplace=aws-marketplace
detective
devicefarm
devices.iot1click=iot1click
devops-guru
directconnect
discovery
discovery-datasync=datasync
discovery-marketplace=aws-marketplace
dlm
dms
docdb-elastic
dp.aidevops=aidevops
drs
ds
ds-data
dsql
dynamodb
ebs
ec2
ec2-instance-connect
ecr
ecr-public
ecs
edge.sagemaker=sagemaker
efs=elasticfilesystem
eks
eks-auth
elasticache
elasticbeanstalk
elasticfilesystem
elasticloadbalancing
elasticmapreduce
elastictranscoder
elemental-inference
email=ses
emr-containers
emr-serverless
end-user-messaging
endpoint.events=events *a
endpoints.email=ses *a
entitlement-marketplace=aws-marketplace
entitlement.marketplace=aws-marketplace
entityresolution
env.airflow=airflow
es
events
eventsv2=events # .
evidently
evs
execute-api
featurestore-runtime.sagemaker=sagemaker
finspace
finspace-api
fips.batch=batch
fips.eks=eks
fips.transcribe=transcribe
fips.voice-chime=chime
firehose
fis
fms
forecast
forecastquery=forecast
frauddetector
freetier
fsx
gamelift
gameliftstreams
gamesparks
gateway-runtime.sagemaker=sagemaker
geo
geo-maps
geo-places
geo-routes
geofencing.geo=geo
glacier
global.health=health @mpw
globalaccelerator
glue
grafana
greengrass
greengrass-ats.iot=greengrass
greengrass.ats.iot=greengrass
groundstation
guardduty
health
health-agent
healthlake
honeycode
iam . @a:cn-north-1 @d:cn-north-1 @p:cn-north-1 @bfgmnqrstuvwy
iam-toolbox=iam
identity-chime=chime
identitystore
imagebuilder
importexport=IngestionService . %us-east-1 @w
inferencerouter-runtime.sagemaker=sagemaker
ingest.timestream=timestream
inspector
inspector-scan
inspector2
interconnect
internetmonitor
invoicing
iot
iotanalytics
iotevents
iotfleetwise
iotroborunner
iotsitewise
iotthingsgraph
iottwinmaker
ivs
ivschat
ivsrealtime=ivs
job-runtime.sagemaker=sagemaker
kafka
kafka-api=kafka
kafkaconnect
kendra
kendra-ranking
kinesis
kinesis-queues=kinesis
kinesisanalytics
kinesisvideo
kms
lakeformation
lambda
launchwizard
license-manager
license-manager-linux-subscriptions
license-manager-user-subscriptions
lightsail
logs
lookoutequipment
lookoutmetrics
lookoutvision
m2
machinelearning
macie
macie2
mail-manager=ses
managedblockchain
managedblockchain-query
management.deadline=deadline
maps.geo=geo|geo-maps
marketplacecommerceanalytics
media-pipelines-chime=chime
mediaconnect
mediaconvert
medialive
mediapackage
mediapackage-vod
mediapackagev2
mediastore
mediatailor
medical-imaging
meetings-chime=chime
memory-db=memorydb
messaging-chime=chime
metadata.geo=geo
metering-marketplace=aws-marketplace
metering.marketplace=aws-marketplace
metrics-fips.sagemaker=sagemaker
metrics.sagemaker=sagemaker
mgh
mgn
migrationhub-config=mgh
migrationhub-orchestrator
migrationhub-strategy
mobile=AWSMobileHubService
models-fips.lex=lex
models-v2-lex=lex
models.lex=lex
monitor.iotsitewise=iotsitewise
monitoring
mpa
mq
mturk-requester
mturk-requester-sandbox=mturk-requester
neptune-db
neptune-graph * *^ . ^
network-firewall
network-security-manager
networkflowmonitor
networkmanager
networkmonitor
nimble
notifications
notifications-contacts
nova-act
oam
observabilityadmin
odb
oidc=sso-oauth
omics
ops.airflow=airflow
opsworks
opsworks-cm
organizations
osis
osm
outposts
panorama
participant.connect=execute-api
partnercentral-account
partnercentral-benefits
partnercentral-channel @abcehiuv
partnercentral-marketing
partnercentral-prm=partnercentral @abcehiuv
partnercentral-selling
payments
pca-connector-ad
pca-connector-scep
pcs
personalize
personalize-events=personalize
personalize-runtime=personalize
pi
pinpoint=mobiletargeting
pipes
places.geo=geo|geo-places
polly
portal.sso=awsssoportal
pricingplanmanager
private-networks
profile
projects.iot1click=iot1click
proton
qbusiness
qldb
query-lakeformation=lakeformation
query.timestream=timestream
quicksight
ram
rbin
rds
rds-data
redshift
redshift-data
redshift-serverless
refactor-spaces
rekognition
reporting-marketplace=aws-marketplace
repostspace
resiliencehub
resource-explorer-2
resource-groups
robomaker
rolesanywhere
route-53=route53 . %cn-northwest-1 %us-east-1 %us-gov-west-1 %us-iso-east-1
route53 . @abdfgmnpqrstuvwxyz
route53-recovery-cluster
route53-recovery-control-config
route53-recovery-readiness
route53domains
route53globalresolver
route53profiles
route53resolver
routes.geo=geo|geo-routes
rtbfabric
rum
runtime-fips.lex=lex
runtime-fips.sagemaker=sagemaker
runtime-medical-imaging=medical-imaging
runtime-v2-lex=lex
runtime.health-agent=health-agent
runtime.lex=lex
runtime.sagemaker=sagemaker
s3-outposts
s3files
s3tables
s3vectors
sagemaker-geospatial
savingsplans . @stuw
scheduler
scheduling.deadline=deadline
schemas
scn
sdb . @w
search-ddb=dynamodb #
search-dynamodb=dynamodb
secretsmanager
security-ir
securityagent
securityhub
securitylake
serverlessrepo
servicecatalog
servicecatalog-appregistry=servicecatalog
servicediscovery
servicequotas
session.qldb=qldb
shield
signer
signin
simspaceweaver
sms
sms-voice
sms-voice.pinpoint=sms-voice
snow-device-management
snowball
sns
social-messaging
sqs
ssm
ssm-contacts
ssm-guiconnect
ssm-incidents
ssm-quicksetup
ssm-sap
sso
states
storage-omics=omics
storagegateway
stream-logs=logs
streaming-logs=logs
streaming.health-agent=health-agent
streams-ddb=dynamodb #
streams-dynamodb=dynamodb
streams.dynamodb=dynamodb
sts . @w
subscribe.mediaconvert=mediaconvert
support
supportapp
supportauthz
sustainability @abcehiuv
swf
sync-states=states
synthetics
tagging
tags-omics=omics
tax
textract
thinclient
timestream-influxdb
timestream-ingest=timestream
timestream-query=timestream
tnb
tracking.geo=geo
training-session-runtime.sagemaker=sagemaker
transcribe
transfer
translate
trustedadvisor
uxc
verification.signer=signer
verifiedpermissions
voice-chime=chime
voiceid
vpc-lattice
waf . @w
waf-regional
wafv2
wellarchitected
wellarchitected-agent=wellarchitected
wisdom
workdocs
workflows-omics=omics
worklink
workmail
workmailmessageflow
workspaces
workspaces-instances
workspaces-web
xray
";

/// Names below `on.aws`.
pub(super) static RESOURCES: &str = "\
neptune-graph * .
osm *
";

/// Host names with a domain of their own.
pub(super) static DOMAINS: &str = "\
oauth.signin.aws=signin ^
signin-fips.amazonaws-us-gov.com=signin ^ @:us-gov-west-1
signin.amazonaws-eusc.eu=signin ^
signin.amazonaws-us-gov.com=signin ^
signin.amazonaws.cn=signin ^
signin.aws.amazon.com=signin ^
signin.c2shome.ic.gov=signin ^
signin.csphome.adc-e.uk=signin ^
signin.csphome.hci.ic.gov=signin ^
signin.sc2shome.sgov.gov=signin ^
";
