//! Host names that botocore's data lacks, each with its source.
//!
//! `rows.rs` describes the form of a row. S3's names are read by `s3.rs`.

/// Names below the services' domains, in addition to `table::ROWS`.
pub(super) const ROWS: &str = concat!(
    // OpenSearch Serverless Developer Guide, "Collection endpoints": ID.REGION.aoss; also the dashboards'.
    "aoss *^\n",
    // AppSync Developer Guide, "Configuring custom domain names": ID.appsync-api and its events.
    "appsync-api=appsync *\n",
    "appsync-realtime-api=appsync *\n",
    // Amazon Managed Service for Prometheus User Guide, "Endpoints and quotas".
    "aps-workspaces=aps\n",
    // IoT in China: the same as below, with a dot.
    "ats.iot=iotdata|iotdevicegateway *\n",
    // LiteLLM issue 31475, grafana/ai-sdk pull request 132: refused under the service `bedrock`.
    "bedrock-mantle\n",
    // Managed Blockchain AMB Access Bitcoin Developer Guide: NETWORK.bitcoin.
    "bitcoin.managedblockchain=managedblockchain *\n",
    // CloudSearch Developer Guide: search-DOMAIN.REGION and doc-DOMAIN.REGION.
    "cloudsearch *^\n",
    // IoT Core Developer Guide, "Authorizing direct calls to AWS services": a client certificate.
    "credentials.iot=!certificate *\n",
    // MediaStore User Guide: the endpoint of a container.
    "data.mediastore=mediastore *\n",
    // ECR User Guide, "Private registry authentication": a password from GetAuthorizationToken.
    "dkr.ecr=!password #\n",
    // EKS User Guide, "Cluster API server endpoint": a bearer token that holds a presigned STS URL.
    "eks=!bearer **^\n",
    // OpenSearch Service Developer Guide, "Signing HTTP requests": search-NAME-ID.REGION.es.
    "es *^\n",
    // Managed Blockchain AMB Access Ethereum Developer Guide: NODE.ethereum and NODE.wss.ethereum.
    "ethereum.managedblockchain=managedblockchain * **\n",
    // API Gateway Developer Guide, "Invoke REST APIs"; "Private REST APIs" (API-VPCE.execute-api).
    "execute-api *\n",
    // Bedrock AgentCore Developer Guide, "Gateway": ID.gateway.bedrock-agentcore.
    "gateway.bedrock-agentcore=bedrock-agentcore *\n",
    // git-remote-codecommit: the service `codecommit`.
    "git-codecommit=codecommit\n",
    // IoT Core Developer Guide, "Device communication protocols": MQTT over WebSocket signs as
    // iotdevicegateway, publishing over HTTPS as iotdata (botocore).
    "iot=iotdata|iotdevicegateway *\n",
    // IoT Core Developer Guide, "DescribeEndpoint": iot:Jobs.
    "jobs.iot=iot-jobs-data *\n",
    // Kinesis Video Streams Developer Guide, "GetDataEndpoint" and "GetSignalingChannelEndpoint".
    "kinesisvideo *\n",
    // MediaConvert API reference, "DescribeEndpoints": the account's own endpoint.
    "mediaconvert *\n",
    // Neptune User Guide, "Connecting with IAM authentication": CLUSTER.cluster-ID.REGION.neptune,
    // in China with the region last.
    "neptune=neptune-db ** **^\n",
    // OpenSearch Ingestion Developer Guide: PIPELINE-ID.REGION.osis.
    "osis *^\n",
    // RDS User Guide, "IAM database authentication": DB.ID.REGION.rds, in China with the
    // region last; botocore's generate_db_auth_token.
    "rds=rds-db ** **^\n",
    // Transcribe Developer Guide, "Setting up a streaming transcription".
    "transcribestreaming=transcribe\n",
);

/// Names below `on.aws`, in addition to `table::RESOURCES`.
pub(super) const RESOURCES: &str = concat!(
    // OpenSearch Service Developer Guide: the dual-stack endpoint of a domain.
    "aos=es *\n",
    // OpenSearch Serverless Developer Guide, "Collection endpoints": per collection or per account.
    "aoss *\n",
    // Aurora DSQL User Guide, "Generating authentication tokens"; botocore's generate_db_connect_auth_token.
    "dsql *\n",
    // Lambda Developer Guide, "Invoking Lambda function URLs".
    "lambda-url=lambda *\n",
    // VPC Lattice User Guide, "SIGv4 authenticated requests": SERVICE-ID.DOMAIN.
    "vpc-lattice-svcs **\n",
);

/// The signing names of S3 and related services.
pub(super) const S3_SERVICES: &str = "s3\ns3-object-lambda\ns3-outposts\ns3express\n";
