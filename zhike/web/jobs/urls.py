"""Addresses of jobs."""

from __future__ import annotations

from django.urls import URLPattern, path

from zhike.web.jobs import views

urlpatterns: list[URLPattern] = [
    path("", views.jobs, name="jobs"),
    path("indicator/", views.indicator, name="jobs_indicator"),
    path("<uuid:job>/", views.job, name="job"),
    path("<uuid:job>/progress/", views.progress, name="job_progress"),
    path("<uuid:job>/stop/", views.stop, name="job_stop"),
    path("<uuid:job>/retry/", views.again, name="job_retry"),
]
