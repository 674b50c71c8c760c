variable "socket_timeout_seconds" {
  type        = number
  description = "Cloud Run request timeout of the backend: the longest life of a socket. 3600 is the most that Cloud Run and the load balancer allow; the backend closes its sockets before that by itself."
  default     = 3600

  validation {
    condition     = var.socket_timeout_seconds > 300 && var.socket_timeout_seconds <= 3600
    error_message = "Between 301 and 3600: Cloud Run cuts a request, and a socket is one request, after at most 60 minutes."
  }
}

variable "request_timeout_seconds" {
  type        = number
  description = "Cloud Run request timeout of the services that hold no sockets."
  default     = 60

  validation {
    condition     = var.request_timeout_seconds >= 1 && var.request_timeout_seconds <= 3600
    error_message = "Between 1 and 3600 seconds."
  }
}

variable "backend_scaling" {
  type = object({
    min_instances = number
    max_instances = number
    concurrency   = number
    cpu           = string
    memory        = string
  })
  description = "Size of the backend. `concurrency` counts open sockets and requests of one instance; Cloud Run allows 1000."
  default = {
    min_instances = 1
    max_instances = 10
    concurrency   = 500
    cpu           = "2"
    memory        = "1Gi"
  }

  validation {
    condition     = var.backend_scaling.concurrency >= 1 && var.backend_scaling.concurrency <= 1000
    error_message = "Cloud Run serves between 1 and 1000 concurrent requests per instance."
  }
  validation {
    condition     = var.backend_scaling.min_instances >= 1 && var.backend_scaling.min_instances <= var.backend_scaling.max_instances
    error_message = "min_instances is at least 1 (a socket must not wait for a cold start) and at most max_instances."
  }
}

variable "auth_scaling" {
  type = object({
    min_instances = number
    max_instances = number
    concurrency   = number
    cpu           = string
    memory        = string
  })
  description = "Size of the identity service. It hashes HASHING_THREADS passwords at a time (2 of 19 MiB each), at any concurrency."
  default = {
    min_instances = 1
    max_instances = 5
    concurrency   = 40
    cpu           = "1"
    memory        = "1Gi"
  }

  validation {
    condition     = var.auth_scaling.concurrency >= 1 && var.auth_scaling.concurrency <= 1000
    error_message = "Cloud Run serves between 1 and 1000 concurrent requests per instance."
  }
  validation {
    condition     = var.auth_scaling.min_instances >= 0 && var.auth_scaling.min_instances <= var.auth_scaling.max_instances
    error_message = "min_instances lies between 0 and max_instances."
  }
}

variable "frontend_scaling" {
  type = object({
    min_instances = number
    max_instances = number
    concurrency   = number
    cpu           = string
    memory        = string
  })
  description = "Size of the service that hands out the static pages."
  default = {
    min_instances = 0
    max_instances = 3
    concurrency   = 200
    cpu           = "1"
    memory        = "512Mi"
  }

  validation {
    condition     = var.frontend_scaling.concurrency >= 1 && var.frontend_scaling.concurrency <= 1000
    error_message = "Cloud Run serves between 1 and 1000 concurrent requests per instance."
  }
}

variable "database" {
  type = object({
    tier              = string
    disk_gb           = number
    availability_type = string
    backups_kept      = number
  })
  description = "Size of Cloud SQL for PostgreSQL. REGIONAL adds a standby in a second zone."
  default = {
    tier              = "db-custom-2-7680"
    disk_gb           = 20
    availability_type = "ZONAL"
    backups_kept      = 14
  }

  validation {
    condition     = contains(["ZONAL", "REGIONAL"], var.database.availability_type)
    error_message = "availability_type is ZONAL or REGIONAL."
  }
  validation {
    condition     = var.database.disk_gb >= 10 && var.database.backups_kept >= 7
    error_message = "At least 10 GB of disk and 7 kept backups."
  }
}

variable "valkey" {
  type = object({
    node_type     = string
    replica_count = number
  })
  description = "Size of Memorystore for Valkey: one shard, since the services use a plain connection, and replicas that take over."
  default = {
    node_type     = "STANDARD_SMALL"
    replica_count = 1
  }

  validation {
    condition     = var.valkey.replica_count >= 0 && var.valkey.replica_count <= 5
    error_message = "Between 0 and 5 replicas."
  }
}

variable "rate_limit" {
  type = object({
    requests_per_minute          = number
    sign_in_per_minute           = number
    socket_handshakes_per_minute = number
  })
  description = "Requests of one client address per minute that Cloud Armor lets through before it answers 429."
  default = {
    requests_per_minute          = 600
    sign_in_per_minute           = 30
    socket_handshakes_per_minute = 60
  }

  validation {
    condition     = min(var.rate_limit.requests_per_minute, var.rate_limit.sign_in_per_minute, var.rate_limit.socket_handshakes_per_minute) >= 1
    error_message = "Every limit is at least 1 request per minute."
  }
}
